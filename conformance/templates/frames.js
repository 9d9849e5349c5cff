// Reads a line of a conversation at three levels: HTTP or WebSocket, Engine.IO, Socket.IO. It judges nothing, and takes
// texts that were cut, and the patterns of traces, as they are.

const ENGINE = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
const SOCKET = ["CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"];
const METHODS = ["get", "post", "put", "delete", "patch", "options", "head"];
const MEDIA_TYPE = /^[a-z]+\/[\w.+-]+(?:; ?charset=[\w-]+)?/i;

/** The levels of a line: pairs of a name and a text. */
function levels({ side, text }, revision) {
  const [, verb, rest] = /^(\S*) ?(.*)$/s.exec(text);
  if (/^\d{3}(\||$)/.test(verb)) {
    const type = MEDIA_TYPE.exec(rest)?.[0] ?? "";
    const head = ["HTTP", `answer ${verb}${type && `, ${type}`}`];
    return [head, ...bodyLevels(rest.slice(type.length).trim(), revision)];
  }
  if (METHODS.includes(verb)) {
    const isBody = /^[0-6b]/.test(rest) && !rest.includes("=");
    const head = ["HTTP", `${verb.toUpperCase()} request${isBody ? "" : `, query ${rest}`}`];
    return isBody ? [head, ...bodyLevels(rest, revision)] : [head];
  }
  switch (verb) {
    case "open":
      return [["WebSocket", `the client asks for one: GET request with Upgrade, query ${rest}`]];
    case "text":
      return [["WebSocket", "text message"], ...packetLevels(rest)];
    case "binary":
      return [[revision === 3 ? "message" : "WebSocket", "binary message"], ...binaryLevels(rest, revision)];
    case "packet":
      return [["HTTP", side === "C" ? "in the body of the request" : "in the body of the answer"], ...packetLevels(rest)];
    case "body":
      return [["HTTP", side === "C" ? "body of the request" : "body of the answer"], ...bodyLevels(rest, revision)];
    case "header":
      return [["HTTP", `header field ${rest}`]];
    case "unreadable:":
      return [["recording", `what was sent is not in it: ${rest}`]];
    case "closed":
    case "close":
      return [["WebSocket", "the connection is closed"]];
    case "abort":
      return [["TCP", "the client breaks the connection"]];
    case "call":
      return [["application", `the client's application calls ${rest}`]];
    case "event":
      return [["application", `the client's application is told ${rest}`]];
    default:
      return [];
  }
}

/** The packets of a body. */
function bodyLevels(body, revision) {
  if (body === "" || body === "ok") {
    return body ? [["Engine.IO", "the request is accepted"]] : [];
  }
  if (!/^[0-6b]|^\d+:/.test(body)) {
    return [["body", body]];
  }
  return split(body, revision).flatMap(packetLevels);
}

function split(body, revision) {
  if (revision !== 3) {
    return body.split("\\x1e");
  }
  const packets = [];
  let rest = body;
  for (let match = /^(\d+):/.exec(rest); match; match = /^(\d+):/.exec(rest)) {
    const end = match[0].length + Number(match[1]);
    packets.push(rest.slice(match[0].length, end));
    rest = rest.slice(end);
  }
  return rest === "" ? packets : [...packets, rest];
}

function packetLevels(packet) {
  if (packet.startsWith("b")) {
    return [["Engine.IO", `message, binary as base64: ${packet.slice(1)}`], ["Socket.IO", "attachment"]];
  }
  const type = ENGINE[packet[0]];
  if (type === undefined) {
    return [["payload", packet]];
  }
  const content = packet.slice(1);
  if (type !== "message") {
    return [["Engine.IO", content ? `${type}, with ${content}` : type]];
  }
  return [["Engine.IO", "message"], ...socketLevels(content)];
}

function socketLevels(message) {
  const match = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*),)?(\d+)?(.*)$/s.exec(message);
  if (!match) {
    return [["content", message]];
  }
  const [, type, attachments, namespace = "/", id, payload] = match;
  const parts = [SOCKET[type], `namespace ${namespace}`];
  if (attachments) {
    parts.push(`attachments: ${attachments}`);
  }
  if (id) {
    parts.push(`acknowledgement ${id}`);
  }
  const head = ["Socket.IO", parts.join(", ")];
  return payload ? [head, ["payload", payload]] : [head];
}

function binaryLevels(hex, revision) {
  const isPrefixed = revision === 3 && hex.startsWith("04");
  return [
    ["Engine.IO", isPrefixed ? "message, with its type as the first byte" : "message"],
    ["Socket.IO", "attachment, or a packet of another parser"],
    ["bytes", hex],
  ];
}
