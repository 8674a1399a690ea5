// A number in a form. Where the form was refused it comes back as it was filled in, and what is wrong with it is said at the
// field.

/** A form that was refused. */
export interface RefusedForm {
  /** Why, and what of it was done all the same. */
  readonly words: string;
  /** What its fields held, by name. */
  readonly entries: Readonly<Record<string, string>>;
  /** Names of those that are wrong. */
  readonly wrong: readonly string[];
}

export interface NumberFieldProps {
  readonly id: string;
  readonly name: string;
  readonly words: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly required?: true;
  /** What it is now; undefined where nobody knows. */
  readonly value: number | undefined;
  readonly refused: RefusedForm | null;
}

/** Where a page says why a form was refused. */
export const refusalId = "refusal";

export function NumberField(
  { id, name, words, min, max, step, required, value, refused }: NumberFieldProps,
) {
  const wrong = refused?.wrong.includes(name);
  return (
    <p>
      <label for={id}>{words}</label>
      <input
        id={id}
        type="number"
        name={name}
        min={min}
        max={max}
        step={step}
        required={required}
        {
          // Not `value`: each rendering would undo what was typed. As an attribute, Deno's precompiled JSX takes it for
          // HTML's and writes `defaultvalue`.
          ...{
            defaultValue: refused ? refused.entries[name] : value === undefined ? "" : inSteps(value, step),
          }
        }
        aria-invalid={wrong ? "true" : undefined}
        aria-describedby={wrong ? refusalId : undefined}
      />
    </p>
  );
}

/** What a browser would take back: it refuses a number between two steps. */
function inSteps(value: number, step: number): string {
  return String(Number((Math.round(value / step) * step).toFixed(3)));
}
