// Which history is in use, and what happens when it fails: a corrupt database is set aside and a new one begun; a disk
// that cannot be written to is given up for memory. The relay goes on in both cases, with a new epoch.

import { ConfigurationError, type Logger } from "../../process/mod.ts";
import type { HistoryState } from "../door.ts";
import { History } from "./history.ts";
import { inodeOf } from "./journal.ts";

/** Keeps the history that is in use. */
export class Keeper {
  readonly #folder: string | null;
  readonly #log: Logger;
  readonly #now: () => number;
  #history: History;
  #problem: string | null = null;
  /** Of the database's file, when it was opened. */
  #inode: number | null = null;

  /**
   * Opens the history in the folder `dataDir`, or one in memory for `:memory:`.
   * @throws {ConfigurationError} when another process has the history open.
   */
  constructor(dataDir: string, log: Logger, now: () => number) {
    this.#folder = dataDir === ":memory:" ? null : dataDir;
    this.#log = log;
    this.#now = now;
    this.#history = this.#folder === null ? inMemory() : this.#open(this.#folder);
  }

  /** Where readings are kept. */
  state(): HistoryState {
    const { epoch } = this.#history;
    if (this.#problem !== null) return { state: "degraded", epoch, problem: this.#problem };
    return { state: this.#folder === null ? "memory" : "disk", epoch, problem: null };
  }

  /**
   * Runs `action` on the history in use; when the database fails, once more on the one that takes its place.
   * @throws what `action` throws that second time.
   */
  use<T>(action: (history: History) => T): T {
    try {
      return action(this.#history);
    } catch (error) {
      if (this.#folder === null || this.#problem !== null || !isStorageError(error)) throw error;
      this.#replace(this.#folder, error);
      return action(this.#history);
    }
  }

  /** Looks whether the files are still there: without them, what is stored would be gone with this process. */
  watch(): void {
    if (this.#folder === null || this.#problem !== null) return;
    if (inodeOf(`${this.#folder}/${fileName}`) !== this.#inode) {
      return this.#replace(this.#folder, new FileGone("its file was moved or deleted"));
    }
    if (this.use((history) => history.restoreJournal())) {
      this.#log.error("the history's journal was moved or deleted: a new one begins", {
        folder: this.#folder,
      });
    }
  }

  /** Closes the history, with everything in its database. */
  close(): void {
    this.use((history) => history.flush());
    this.#history.close();
  }

  #open(folder: string): History {
    try {
      return this.#onDisk(folder);
    } catch (error) {
      if (isLocked(error)) {
        throw new ConfigurationError([
          `DATA_DIR=${folder}: another process has its history open; stop that one, or set DATA_DIR to another folder`,
        ]);
      }
      return this.#substitute(folder, error);
    }
  }

  #onDisk(folder: string): History {
    Deno.mkdirSync(folder, { recursive: true });
    const history = new History(`${folder}/${fileName}`, newEpoch);
    if (history.unreadable > 0) {
      this.#log.error("what the last relay had accepted cannot all be read", {
        lost_entries: history.unreadable,
      });
    }
    if (history.renewed) {
      this.#log.error("the history has not kept everything that was given out: a new epoch begins", {
        epoch: history.epoch,
      });
    }
    this.#inode = inodeOf(`${folder}/${fileName}`);
    return history;
  }

  #replace(folder: string, error: Error): void {
    const failed = this.#history;
    try {
      failed.close();
    } catch {
      // It failed before, and is given up anyway.
    }
    this.#history = this.#substitute(folder, error);
    this.#history.adopt(failed);
  }

  #substitute(folder: string, error: unknown): History {
    const reason = error instanceof Error ? error.message : String(error);
    if (isCorrupt(error) || error instanceof FileGone) {
      try {
        const aside = this.#setAside(folder);
        const history = this.#onDisk(folder);
        const what = error instanceof FileGone ? "gone" : "corrupt";
        this.#log.error(`the history is ${what}: ${aside === null ? "" : "set aside, "}a new one begins`, {
          reason,
          ...aside !== null && { kept_as: aside },
          epoch: history.epoch,
        });
        return history;
      } catch (second) {
        this.#log.error("a corrupt history cannot be set aside", { reason: String(second) });
      }
    }
    const history = inMemory();
    this.#problem = reason;
    const cure = isFull(error) ? "make room on the disk" : "make DATA_DIR a folder that this user can write";
    this.#log.error(
      "the history cannot be written: new readings are in memory alone, and lost when the relay ends; save them from " +
        `/api/v1/history.csv, ${cure}, then restart the relay`,
      {
        folder,
        reason,
        epoch: history.epoch,
      },
    );
    return history;
  }

  /** The name under which the database is kept; null: there is none any more. */
  #setAside(folder: string): string | null {
    const name = `${fileName}.corrupt-${new Date(this.#now()).toISOString().replaceAll(/[:.]/g, "-")}`;
    const isThere = inodeOf(`${folder}/${fileName}`) !== null;
    for (const suffix of ["", "-wal", "-shm"]) {
      try {
        Deno.renameSync(`${folder}/${fileName}${suffix}`, `${folder}/${name}${suffix}`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return isThere ? name : null;
  }
}

const fileName = "history.sqlite";

class FileGone extends Error {}

function inMemory(): History {
  return new History(":memory:", newEpoch);
}

function newEpoch(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 12);
}

/** Whether the database failed, or the journal (`ENOSPC` and the like). */
function isStorageError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string" &&
    (error.code === "ERR_SQLITE_ERROR" || /^E[A-Z]+$/.test(error.code));
}

/** SQLite's "disk I/O error" comes of a limit or a quota as well. */
function isFull(error: unknown): boolean {
  return isStorageError(error) && /ENOSPC|No space|is full|disk I\/O error|too large/.test(error.message);
}

// node:sqlite gives no result code but in the message (Deno 2.9.6).
function isLocked(error: unknown): boolean {
  return isStorageError(error) && error.message.includes("database is locked");
}

function isCorrupt(error: unknown): boolean {
  return isStorageError(error) &&
    /not a database|malformed|no such table|no such column|has no column|has \d+ columns? but/.test(
      error.message,
    );
}
