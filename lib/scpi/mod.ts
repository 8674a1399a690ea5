/**
 * The SCPI grammar (SCPI-99 over IEEE 488.2), spoken by the meter driver and by the simulated instrument: program
 * messages, command trees, parameters with units, number formats, blocks, errors, and lines out of bytes.
 * @module
 */
export {
  type ErrorReply,
  eventStatusBit,
  formatErrorReply,
  parseErrorReply,
  ScpiError,
  type ScpiErrorCode,
  scpiErrors,
} from "./errors.ts";
export { formatFixed, formatInteger, formatReal, parseNumber, standIn } from "./numbers.ts";
export {
  boolean,
  choice,
  integer,
  number,
  optional,
  type Parameter,
  type ParameterValues,
  quantity,
  type UnitTable,
} from "./parameters.ts";
export {
  type HeaderNode,
  joinUnits,
  parseMessage,
  type ProgramMessage,
  type ProgramUnit,
  splitReply,
} from "./message.ts";
export { type Command, command, type CommandTree, createCommandTree, type Suffixes } from "./tree.ts";
export { type BlockHeader, formatBlock, readBlockHeader } from "./block.ts";
export { type LineEvent, LineSplitter } from "./lines.ts";
