// One laser: what it does, and the forms that change it. Plain forms, which work without a script; light comes on only after
// a second step that says what will happen.

import { NumberField, type RefusedForm } from "./NumberField.tsx";
import type { LaserState } from "../lib/protocol/mod.ts";

export interface LaserCardProps {
  /** Whose instrument it is a part of. */
  readonly station: string;
  readonly laser: LaserState;
  /** Whether whoever looks may change anything. */
  readonly operator: boolean;
  /** A form of this card that was refused. */
  readonly refused: RefusedForm | null;
}

export function LaserCard({ station, laser: state, operator, refused }: LaserCardProps) {
  const { laser, identity, on, wavelength_nm, unit } = state;
  const id = `laser-${laser}`;
  const action = `/lasers?station=${station}`;
  const settings = refused?.entries.action === "set" ? refused : null;
  const target = <input type="hidden" name="laser" value={laser} />;
  return (
    <li class="laser" data-on={on ? "" : undefined}>
      <h2>
        Laser {laser} <span class="lit">{on ? "On" : "Off"}</span>
      </h2>
      <dl>
        <div>
          <dt>Wavelength</dt>
          <dd>{wavelength_nm.toFixed(2)} nm</dd>
        </div>
        <div>
          <dt>Power</dt>
          <dd>{powerWords(state)}</dd>
        </div>
      </dl>
      <p class="quiet">{identity}</p>
      {operator && (
        <>
          {on
            ? (
              <form method="post" action={action}>
                {target}
                <button type="submit" name="action" value="off">Switch laser {laser} off</button>
              </form>
            )
            : (
              <details>
                <summary>Switch on…</summary>
                <form method="post" action={action}>
                  {target}
                  <p>
                    Laser {laser} of {station} will emit {powerWords(state)} at {wavelength_nm.toFixed(2)}
                    {" "}
                    nm. Is everybody's eye and every detector safe?
                  </p>
                  <button type="submit" name="action" value="on" class="danger">
                    Yes, switch laser {laser} on
                  </button>
                </form>
              </details>
            )}
          <details open={settings !== null}>
            <summary>Change…</summary>
            <form method="post" action={action} class="fields">
              {target}
              <NumberField
                id={`${id}-wavelength`}
                name="wavelength_nm"
                words="Wavelength, nm"
                min={1260}
                max={1640}
                step={0.001}
                value={wavelength_nm}
                refused={settings}
              />
              <NumberField
                id={`${id}-power`}
                name="power"
                words="Power, dBm"
                min={-60}
                max={100}
                step={0.01}
                value={unit === "dBm" ? state.power : undefined}
                refused={settings}
              />
              <button type="submit" name="action" value="set">Set laser {laser}</button>
            </form>
          </details>
        </>
      )}
    </li>
  );
}

/** The instrument does not tell the unit: it is known for what was set from here. */
function powerWords({ power, unit }: LaserState): string {
  const number = power.toFixed(2).replace("-", "\u2212");
  return unit === null ? `${number} (dBm or mW)` : `${number} ${unit}`;
}
