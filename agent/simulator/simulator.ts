// The simulated instrument, put together: one instrument, its serial line, its network, its control socket, its faults.

import { ConfigurationError, type Logger } from "../../lib/process/mod.ts";
import { type ControlAddress, formatAddress, type TcpAddress } from "./address.ts";
import { type Clock, systemClock } from "./clock.ts";
import { ControlServer } from "./control_server.ts";
import { controlLine } from "./control.ts";
import { parseFault } from "./faults/fault.ts";
import { FaultInjector } from "./faults/injector.ts";
import { InstrumentHost } from "./host.ts";
import { SerialLine } from "./transport/serial_line.ts";
import { TcpServer } from "./transport/tcp_server.ts";

/** What a simulator is made with. */
export interface SimulatorOptions {
  /** The same seed gives the same noise, drift and chance faults at the same times. A whole number. */
  readonly seed: number;
  /** Where lines of the log go. */
  readonly log: Logger;
  /** Path of a symbolic link that is kept pointing at the serial line. */
  readonly link?: string | undefined;
  /** The serial line's speed, bits per second; 115,200, if left out. */
  readonly baudRate?: number | undefined;
  /** Where to listen for SCPI over TCP; nowhere, if left out. */
  readonly tcp?: TcpAddress | undefined;
  /** Where to listen for control commands; nowhere, if left out. */
  readonly control?: ControlAddress | undefined;
  /** Faults from the beginning, each as the control command `fault` takes it. */
  readonly faults?: readonly string[] | undefined;
  /** The machine's clock, if left out. */
  readonly clock?: Clock | undefined;
}

/** A running simulator. */
export interface Simulator {
  /** The pseudo-terminal's slave, for a client; `undefined` while unplugged. */
  readonly path: string | undefined;
  /** Where SCPI over TCP is spoken, if it is. */
  readonly tcp: TcpAddress | undefined;
  /** The control socket as a client names it: a path or `host:port`; `undefined` where there is none. */
  readonly control: string | undefined;
  /** What faults do to a channel's light at this moment: a gain in dB, -Infinity where its fibre is pulled. */
  disturbanceDb(module: number, channel: number): number;
  /** Executes one line as the control socket does, and gives the lines of its answer. */
  command(line: string): readonly string[];
  /** Ends everything: hangs up, removes the link, closes the sockets. */
  close(): Promise<void>;
}

const averagingMs = 10;

/**
 * Starts a simulated CTP10.
 * @throws {SerialError} where no pseudo-terminal can be had, {FaultSyntaxError} for a fault that cannot be understood,
 * {ConfigurationError} where it cannot listen; its line names the variable.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { seed, log, tcp: tcpAddress, control: controlAddress, clock = systemClock } = options;
  const host: InstrumentHost = new InstrumentHost(seed, clock, {
    averagingMs,
    disturbanceDb: (module, channel, nowMs) => faults.disturbanceDb(module, channel, nowMs),
  });
  const faults = new FaultInjector(seed, clock, {
    reset: (deafMs) => host.powerCycle(deafMs),
    unplug: () =>
      change(async () => {
        await Promise.all([serial.unplug(), tcp?.unplug()]);
      }),
    replug: () =>
      change(() => {
        serial.plug();
        tcp?.plug();
      }),
  });
  const context = { host, faults, clock };
  const serial = new SerialLine(context, log, options.link, options.baudRate);
  let changing: Promise<void> = Promise.resolve();
  // One change after the other: a line that is still being unplugged cannot be plugged in.
  const change = (make: () => void | Promise<void>) => {
    changing = changing.then(make).catch((error) =>
      log.error("the line cannot be changed", { reason: String(error) })
    );
  };
  const controlled = {
    faults,
    status: () => [`seed ${seed}`, serial.describe(), ...(tcp === undefined ? [] : [tcp.describe()])],
    now: () => clock.now(),
  };

  await using opening = new AsyncDisposableStack();
  serial.plug();
  opening.defer(() => serial.unplug());
  const tcp = tcpAddress && await listening(
    () => new TcpServer(context, log, tcpAddress),
    `SIM_TCP=${formatAddress(tcpAddress)}`,
    "a free port of this machine (0: any)",
  );
  opening.defer(() => tcp?.close());
  const control = controlAddress && await listening(
    () => ControlServer.open(controlAddress, (line) => controlLine(line, controlled)),
    `SIM_CONTROL=${controlAddress.type === "unix" ? controlAddress.path : formatAddress(controlAddress)}`,
    "a path in a folder that is there, or to a free host:port",
  );
  opening.defer(() => control?.close());
  opening.defer(() => changing);
  opening.defer(() => faults.close());
  for (const text of options.faults ?? []) faults.add(parseFault(text, clock.now()));
  const opened = opening.move();

  return {
    get path() {
      return serial.path;
    },
    tcp: tcp?.address,
    control: control?.name,
    disturbanceDb: (module, channel) => faults.disturbanceDb(module, channel, clock.now()),
    command: (line) => controlLine(line, controlled),
    close: () => opened.disposeAsync(),
  };
}

/** What `listen` opens. Where it cannot, `given` is to be set to `others`. */
async function listening<T>(listen: () => T | Promise<T>, given: string, others: string): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError([`${given}: cannot listen there: ${reason}; set it to ${others}`]);
  }
}
