// What each command of lib/protocol does with the instrument, through the driver. When, in which order, and what becomes of
// a failure is the business of commands.ts.

import type {
  CommandFault,
  CommandName,
  CommandParams,
  CommandValue,
  LaserState,
} from "../lib/protocol/mod.ts";
import type { Ctp10, PowerSetting, PowerUnit, TraceType } from "./ctp10/mod.ts";
import { LaserUnits } from "./laser_units.ts";
import type { PresentInstrument } from "./meter.ts";
import type { MeterSwitch } from "./meter_switch.ts";
import type { Transfers } from "./transfers.ts";
import { planOf, type Watch } from "./watch.ts";

/** What commands act on. */
export interface ActionsOptions {
  readonly instrument: () => PresentInstrument | undefined;
  readonly power: Pick<MeterSwitch, "on" | "turnOn" | "turnOff">;
  readonly watch: Pick<Watch, "sawLaser" | "began" | "abortAsked" | "sweep">;
  readonly transfers: Pick<Transfers, "open" | "read" | "close">;
}

type Table = {
  readonly [N in CommandName]: (params: CommandParams<N>, signal: AbortSignal) => Promise<CommandValue<N>>;
};

/** Not carried out, and why. */
export class Refusal extends Error {
  constructor(readonly code: CommandFault, message: string) {
    super(message);
  }
}

const traceTypes = {
  transmission: "transmission",
  live: "live",
  reference: "reference",
  quick_reference: "quickReference",
} as const satisfies Readonly<Record<CommandParams<"trace.open">["trace"], TraceType>>;

const connectPollMs = 50;

/** Everything that may be done. */
export class Actions {
  readonly #options: ActionsOptions;
  readonly #units = new LaserUnits();

  /** Does nothing by itself. */
  constructor(options: ActionsOptions) {
    this.#options = options;
  }

  /** A laser as it is now. @throws {MeterFailure} */
  async readLaser(ctp10: Ctp10, laser: number, signal?: AbortSignal): Promise<LaserState> {
    const { identity, on, wavelengthNm, power } = await ctp10.referenceLaser(laser).state(signal);
    const unit = this.#units.of(ctp10, `rlaser ${laser}`);
    return { laser, identity, on, wavelength_nm: wavelengthNm, power, unit };
  }

  /**
   * Does what the command says. `params` are what its schema accepted.
   * @throws {Refusal} or {MeterFailure} where it is not done; the signal's reason.
   */
  act(name: CommandName, params: unknown, signal: AbortSignal): Promise<unknown> {
    const action = this.#table[name] as (params: unknown, signal: AbortSignal) => Promise<unknown>;
    return action(params, signal);
  }

  get #ctp10(): Ctp10 {
    return this.#present.ctp10;
  }

  get #present(): PresentInstrument {
    const present = this.#options.instrument();
    if (present !== undefined) return present;
    throw new Refusal(
      "unavailable",
      this.#options.power.on
        ? "The instrument does not answer."
        : "The instrument was disconnected on request.",
    );
  }

  readonly #table: Table = {
    "connection.status": () => Promise.resolve(this.#connection()),
    "connection.connect": async (_, signal) => {
      this.#options.power.turnOn();
      while (this.#options.instrument() === undefined && !signal.aborted) {
        await new Promise((done) => setTimeout(done, connectPollMs));
      }
      return this.#connection();
    },
    "connection.disconnect": async () => {
      await this.#options.power.turnOff();
      return this.#connection();
    },
    "condition.get": async (_, signal) => ({ activities: [...await this.#ctp10.sweep.condition(signal)] }),
    "errors.take": async (_, signal) => {
      const errors: string[] = [];
      for (;;) {
        const error = await this.#ctp10.nextError(signal);
        if (error === null) return { errors };
        errors.push(error);
      }
    },
    "detector.get": ({ module, channel }, signal) => this.#detector(module, channel, signal),
    "detector.set": async (
      { module, channel, power_unit, spectral_unit, wavelength_nm, trigger },
      signal,
    ) => {
      await this.#ctp10.detector(module, channel).change({
        ...given("powerUnit", power_unit),
        ...given("spectralUnit", spectral_unit),
        ...given("wavelengthNm", wavelength_nm),
        ...given("trigger", trigger),
      }, signal);
      return await this.#detector(module, channel, signal);
    },
    "rlaser.get": ({ laser }, signal) => this.#laser(laser, signal),
    "rlaser.set": async ({ laser, on, wavelength_nm, power, unit }, signal) => {
      const setting = powerSetting(power, unit);
      await this.#ctp10.referenceLaser(laser).change({
        ...given("on", on),
        ...given("wavelengthNm", wavelength_nm),
        ...given("power", setting),
      }, signal);
      this.#units.note(this.#ctp10, `rlaser ${laser}`, setting);
      return await this.#laser(laser, signal);
    },
    "tls.get": ({ tls }, signal) => this.#tls(tls, signal),
    "tls.set": async ({ tls, start_nm, stop_nm, speed_nm_s, power, unit, trigger }, signal) => {
      const setting = powerSetting(power, unit);
      await this.#ctp10.tunableLaser(tls).change({
        ...given("startNm", start_nm),
        ...given("stopNm", stop_nm),
        ...given("speedNmPerS", speed_nm_s),
        ...given("power", setting),
        ...given("trigger", trigger),
      }, signal);
      this.#units.note(this.#ctp10, `tls ${tls}`, setting);
      return await this.#tls(tls, signal);
    },
    "sweep.get": (_, signal) => this.#sweep(signal),
    "sweep.set": async ({ sampling_pm, laser_stays_on, stabilization_s }, signal) => {
      const { stabilization: now } = await this.#ctp10.sweep.settings(signal);
      await this.#ctp10.sweep.change({
        ...given("samplingPm", sampling_pm),
        ...(laser_stays_on !== undefined || stabilization_s !== undefined) && {
          stabilization: {
            laserStaysOn: laser_stays_on ?? now.laserStaysOn,
            seconds: stabilization_s ?? now.seconds,
          },
        },
      }, signal);
      return await this.#sweep(signal);
    },
    "sweep.start": async ({ start_nm, stop_nm, speed_nm_s, sampling_pm }, signal) => {
      const ctp10 = this.#ctp10;
      const [activity] = await ctp10.sweep.condition(signal);
      if (activity !== undefined) throw new Refusal("refused", `The instrument is busy (${activity}).`);
      await ctp10.tunableLaser(1).change({
        ...given("startNm", start_nm),
        ...given("stopNm", stop_nm),
        ...given("speedNmPerS", speed_nm_s),
      }, signal);
      await ctp10.sweep.change(given("samplingPm", sampling_pm), signal);
      const plan = await planOf(ctp10, signal);
      await ctp10.sweep.start(signal);
      this.#options.watch.began(plan);
      return this.#options.watch.sweep;
    },
    "sweep.abort": async (_, signal) => {
      const { sweep } = this.#ctp10;
      await sweep.abort(signal);
      this.#options.watch.abortAsked(await sweep.condition(signal));
      return this.#options.watch.sweep;
    },
    "reference.get": async ({ module, channel }, signal) => {
      const reference = await this.#ctp10.sweep.reference(module, channel, signal);
      const made = reference.type === "made";
      return { module, channel, made, at: made ? reference.at : null };
    },
    "reference.start": async ({ module, channel }, signal) => {
      const { sweep } = this.#ctp10;
      await sweep.startReference(module, channel, signal);
      return { activities: [...await sweep.condition(signal)] };
    },
    "trace.extent": async (params, signal) => {
      const { length, startNm, samplingPm } = await this.#extent(params, signal);
      return { length, start_nm: startNm, sampling_pm: samplingPm };
    },
    "trace.open": async (params, signal) => {
      const extent = await this.#extent(params, signal);
      const { module, channel, trace } = params;
      const transfer = this.#options.transfers.open(
        this.#present,
        { module, channel, type: traceTypes[trace] },
        extent,
      );
      return { transfer, length: extent.length, start_nm: extent.startNm, sampling_pm: extent.samplingPm };
    },
    "trace.read": async ({ transfer }) => {
      const piece = await this.#options.transfers.read(transfer);
      if (piece === undefined) throw new Refusal("absent", `There is no transfer ${transfer} (any more).`);
      return piece;
    },
    "trace.close": ({ transfer }) => {
      this.#options.transfers.close(transfer);
      return Promise.resolve({});
    },
  };

  #connection(): CommandValue<"connection.status"> {
    const present = this.#options.instrument();
    const state = present !== undefined ? "connected" : this.#options.power.on ? "connecting" : "off";
    return { state, identity: present?.identity ?? null };
  }

  async #detector(module: number, channel: number, signal: AbortSignal) {
    const { powerUnit, spectralUnit, wavelengthNm, trigger } = await this.#ctp10.detector(module, channel)
      .settings(signal);
    const settings = {
      power_unit: powerUnit,
      spectral_unit: spectralUnit,
      wavelength_nm: wavelengthNm,
      trigger,
    };
    return { module, channel, ...settings };
  }

  async #laser(number: number, signal: AbortSignal): Promise<LaserState> {
    const laser = await this.readLaser(this.#ctp10, number, signal);
    this.#options.watch.sawLaser(laser);
    return laser;
  }

  async #tls(tls: number, signal: AbortSignal) {
    const ctp10 = this.#ctp10;
    const { startNm, stopNm, speedNmPerS, power, trigger } = await ctp10.tunableLaser(tls).state(signal);
    const unit = this.#units.of(ctp10, `tls ${tls}`);
    return { tls, start_nm: startNm, stop_nm: stopNm, speed_nm_s: speedNmPerS, power, unit, trigger };
  }

  async #sweep(signal: AbortSignal) {
    const { samplingPm, stabilization } = await this.#ctp10.sweep.settings(signal);
    const { laserStaysOn, seconds } = stabilization;
    return { sampling_pm: samplingPm, laser_stays_on: laserStaysOn, stabilization_s: seconds };
  }

  async #extent({ module, channel, trace }: CommandParams<"trace.open">, signal: AbortSignal) {
    const extent = await this.#ctp10.trace(module, channel, traceTypes[trace]).extent(signal);
    if (extent !== null) return extent;
    throw new Refusal("absent", `Channel ${channel} of module ${module} has no ${trace} trace. Sweep first.`);
  }
}

function powerSetting(power: number | undefined, unit: PowerUnit = "dBm"): PowerSetting | undefined {
  return power === undefined ? undefined : { value: power, unit };
}

/** One property, or none. */
function given<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : { [key]: value } as { readonly [P in K]: V };
}
