namespace Relay.Options;

/// <summary>The check of the names of attachments.</summary>
public sealed record AttachmentOptions
{
    /// <summary>Names that are found fault with, with <c>*</c> for any characters; without case. By default what Windows runs when it is opened.</summary>
    public IReadOnlyList<string> Names { get; init; } =
    [
        "*.appx", "*.bat", "*.chm", "*.cmd", "*.com", "*.cpl", "*.exe", "*.gadget", "*.hta", "*.img", "*.iso", "*.jar", "*.js",
        "*.jse", "*.lnk", "*.msc", "*.msi", "*.msix", "*.msp", "*.pif", "*.ps1", "*.reg", "*.scr", "*.sct", "*.vb", "*.vbe",
        "*.vbs", "*.vhd", "*.vhdx", "*.wsc", "*.wsf", "*.wsh", "*.xll",
    ];
}
