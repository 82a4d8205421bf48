// Which modules share a file: those that a program needs at once, those that only a load needs, and those that every
// command needs. The rest is divided by who loads it, so that a command that only looks is as quick as it may be.

import path from 'node:path';

/** What needs less than this share of the modules of a load must not wait for the others. */
const SMALL = 1 / 3;

/** For rollup's `manualChunks`. What runs for every record is in one file, so it calls within that. */
export function chunkOf(dist) {
  let chunks;
  return (id, { getModuleInfo }) => {
    chunks ??= divided(dist, new Graph(getModuleInfo));
    return chunks.get(id);
  };
}

function divided(dist, graph) {
  const api = graph.neededBy(path.join(dist, 'index.js'));
  const command = graph.neededBy(path.join(dist, 'cli/main.js'));
  const load = graph.neededBy(path.join(dist, 'task/open-intake.js'));
  const late = graph.loadedLateBy([...api, ...command]).map((id) => graph.neededBy(id));
  const small = late.filter((needed) => needed.size < SMALL * load.size);
  for (const id of small.flatMap((needed) => [...needed])) load.delete(id);
  const chunks = new Map();
  for (const [name, ids] of Object.entries({ loader: load, command, api }))
    for (const id of ids) chunks.set(id, name);
  return chunks;
}

class Graph {
  #getModuleInfo;

  constructor(getModuleInfo) {
    this.#getModuleInfo = getModuleInfo;
  }

  /** A module and what it imports statically. Entries stay small files of their own: Node finds the names of CommonJS by reading them. */
  neededBy(entry) {
    const needed = new Set();
    const visit = (id) => {
      const module = this.#getModuleInfo(id);
      // Null where this bundle has no such entry.
      if (module === null || module.isExternal || needed.has(id)) return;
      needed.add(id);
      for (const imported of module.importedIds) visit(imported);
    };
    visit(entry);
    for (const id of needed) if (this.#getModuleInfo(id).isEntry) needed.delete(id);
    return needed;
  }

  loadedLateBy(ids) {
    const late = ids.flatMap((id) => this.#getModuleInfo(id).dynamicallyImportedIds);
    return late.filter((id) => !this.#getModuleInfo(id).isExternal);
  }
}
