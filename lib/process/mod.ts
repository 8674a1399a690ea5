/** What every Lightline process shares: configuration from the environment, a log, a clean end, and supervised children. */
export { Child, type ChildOptions, restartDelayMs } from "./child.ts";
export {
  type Configuration,
  ConfigurationError,
  orRefuse,
  parseConfiguration,
  readConfiguration,
  refuse,
  variable,
} from "./configuration.ts";
export {
  createLogger,
  type LogFields,
  type Logger,
  type LogLevel,
  type LogVariables,
  logVariables,
} from "./log.ts";
export { exitCodes, stopSignal } from "./exit.ts";
export { runnerEnd } from "./runner.ts";
