// Sends one message as it is: node nodemailer.mjs '{"port": …, "secure": …, …}'
import { readFileSync } from 'node:fs'
import nodemailer from 'nodemailer'

const options = JSON.parse(process.argv[2])
const transport = nodemailer.createTransport({
  host: '127.0.0.1',
  port: options.port,
  secure: options.secure,
  requireTLS: !options.secure,
  authMethod: options.mechanism,
  auth: { user: options.user, pass: process.env.NODEMAILER_PASSWORD },
  tls: { ca: readFileSync(options.certificate), servername: 'localhost' },
})
const info = await transport.sendMail({
  envelope: { from: options.from, to: options.to },
  raw: readFileSync(options.letter),
})
console.log(info.response)
