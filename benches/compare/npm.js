"use strict";

// What the npm parsers do with a row.

const { createRequire } = require("node:module");
const path = require("node:path");

const root = path.join(__dirname, "../..");
const load = createRequire(path.join(root, "fixtures/reference/package.json"));
const loadOfCluster = createRequire(path.join(root, "fixtures/reference/cluster/package.json"));
const ROUNDS = 7;
/** What a round takes at least, and for `--quick`. */
const ROUND_MS = 20;
const QUICK_ROUND_MS = 1;
/** Rounds that Node has to compile what it runs. */
const WARM_UP = 3;

/**
 * For each direction, functions that do it once. `value` ends where the parser does: when it encodes, at strings, which may be
 * ropes of their parts. `bytes` ends at what a socket takes, as ours does in every form.
 */
function npm({ parser, frames, answer }) {
  const messages = frames.map((frame) => (frame.startsWith("base64:") ? Buffer.from(frame.slice(7), "base64") : frame));
  switch (parser) {
    case "eio4": {
      const { decodePacket, encodePacket } = load("engine.io-parser");
      const packet = decodePacket(messages[0]);
      return both(() => decodePacket(messages[0]), (take) => encodePacket(packet, false, take));
    }
    case "eio4-payload": {
      const { decodePayload, encodePayload } = load("engine.io-parser");
      const packets = decodePayload(messages[0]);
      return both(() => decodePayload(messages[0]), (take) => encodePayload(packets, take));
    }
    case "eio3-payload": {
      const { decodePayload, encodePayload } = load("engine.io-parser-v2");
      const packets = [];
      decodePayload(messages[0], undefined, (packet) => void packets.push(packet));
      const binary = Buffer.isBuffer(messages[0]);
      const decode = () => decodePayload(messages[0], undefined, use);
      return both(decode, (take) => encodePayload(packets, binary, take));
    }
    case "sio5":
      return socketio(load("socket.io-parser"), messages, answer);
    case "msgpack":
      return socketio(load("socket.io-msgpack-parser"), messages);
    case "eio4+sio5":
      return layers(load("engine.io-parser"), load("socket.io-parser"), messages[0]);
    case "none":
      return {};
    case "classic":
      return coder(messages[0], loadOfCluster("notepack.io"));
    case "sharded":
      return Buffer.isBuffer(messages[0]) ? coder(messages[0], loadOfCluster("notepack.io")) : text(messages[0]);
    case "streams":
      return messages[0].startsWith("{") ? text(messages[0]) : inBase64(messages[0], loadOfCluster("@msgpack/msgpack"));
    default:
      throw new Error(`no parser ${parser}`);
  }
}

function socketio({ Decoder, Encoder }, messages, answer) {
  const decoder = new Decoder();
  const encoder = new Encoder();
  let packet;
  decoder.on("decoded", (decoded) => use((packet = decoded)));
  const decode = (messages) => messages.forEach((message) => decoder.add(message));
  decode(answer === undefined ? messages : [answer]);
  // As `emit` makes it. Neither encoder changes its packet; what a decoder returns, or a copy of it, may be slower to read.
  const { type, nsp, data, id } = packet;
  const plain = { type: { 5: 2, 6: 3 }[type] ?? type, nsp, data };
  if (id !== undefined) plain.id = id;
  return both(() => decode(messages), (take) => encoder.encode(plain).forEach(take));
}

function layers({ decodePacket }, { Decoder }, message) {
  const decoder = new Decoder();
  decoder.on("decoded", use);
  return { decode: { value: () => decoder.add(decodePacket(message).data) } };
}

/** What the adapters for Redis do with a message, each with its library. */
function coder(message, { decode, encode }) {
  const value = decode(message);
  return both(() => decode(message), (take) => take(encode(value)));
}

function text(message) {
  const value = JSON.parse(message);
  return both(() => JSON.parse(message), (take) => take(JSON.stringify(value)));
}

function inBase64(message, { decode, encode }) {
  const value = decode(Buffer.from(message, "base64"));
  const write = (take) => take(Buffer.from(encode(value)).toString("base64"));
  return both(() => decode(Buffer.from(message, "base64")), write);
}

/** `encode` gives the messages that it writes to a function. */
function both(decode, encode) {
  return {
    decode: { value: () => use(decode()) },
    encode: { value: () => encode(use), bytes: () => encode(useBytes) },
  };
}

let used;

function use(value) {
  used = value;
}

function useBytes(message) {
  used = typeof message === "string" ? Buffer.from(message) : message;
}

/** The median of the time that a function takes, in nanoseconds. */
function time(run, { quick }) {
  const enough = (quick ? QUICK_ROUND_MS : ROUND_MS) * 1e6;
  let count = 1;
  for (;;) {
    const spent = lap(run, count);
    if (spent > enough) break;
    count = Math.ceil(count * Math.min(10, Math.max(1.2, (enough * 1.2) / spent)));
  }
  for (let round = 0; round < WARM_UP; round++) lap(run, count);
  const laps = Array.from({ length: ROUNDS }, () => lap(run, count) / count);
  return laps.sort((a, b) => a - b)[ROUNDS >> 1];
}

/** Processor time in nanoseconds, of all threads: that of the garbage collector belongs to what it collects. */
function lap(run, count) {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) * 1e3;
}

module.exports = { npm, time };
