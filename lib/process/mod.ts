/** What every Lightline process shares: configuration from the environment, a log, and a clean way to end. */
export {
  type Configuration,
  ConfigurationError,
  parseConfiguration,
  readConfiguration,
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
