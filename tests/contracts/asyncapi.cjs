// Reads AsyncAPI documents with AsyncAPI's own parser; prints what it found wrong and what it understood, as JSON, a line
// for each.
//
//     node asyncapi.cjs FILE...

const { Parser, fromFile } = require("@asyncapi/parser");

async function read(file) {
  const { document, diagnostics } = await fromFile(new Parser(), file).parse();
  const said = diagnostics.map(({ severity, code, message, path }) => ({
    severity: ["error", "warning", "information", "hint"][severity],
    code,
    message,
    at: "#" + path.map((step) => "/" + step).join(""),
  }));
  return { diagnostics: said, ...(document && understood(document)) };
}

function understood(document) {
  return {
    version: document.version(),
    servers: document.servers().all().map((server) => server.id()),
    channels: document.channels().all().map((channel) => ({
      address: channel.address(),
      messages: channel.messages().all().map((message) => message.name()),
    })),
    operations: document.operations().all().map((operation) => ({
      id: operation.id(),
      action: operation.action(),
      channels: operation.channels().all().map((channel) => channel.address()),
    })),
    messages: document.messages().all().map((message) => ({
      name: message.name(),
      payload: message.payload().json(),
      headers: message.headers()?.json() ?? null,
    })),
  };
}

(async () => {
  for (const file of process.argv.slice(2)) console.log(JSON.stringify(await read(file)));
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
