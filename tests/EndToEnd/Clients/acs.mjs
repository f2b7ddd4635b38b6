// Sends a message with the service's own client, and waits for its end: node acs.mjs '{"connection":"…","message":{…},"operation":"…"}'
import { EmailClient } from "@azure/communication-email";

const { connection, message, operation } = JSON.parse(process.argv[2]);
const client = new EmailClient(connection, { allowInsecureConnection: true });
const poller = await client.beginSend(message, { operationId: operation, updateIntervalInMs: 1 });
const result = await poller.pollUntilDone();
console.log(`${result.id} ${result.status}`);
