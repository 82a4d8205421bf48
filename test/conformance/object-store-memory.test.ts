import { MemoryObjectStore } from '../support/memory-object-store.ts';
import { objectStoreSuite } from './object-store-suite.ts';

objectStoreSuite('the fake of the tests', async () => {
  const store = new MemoryObjectStore();
  return {
    store,
    read: async (key) => {
      const object = store.objects.get(key);
      if (object === undefined) throw new Error(`no object ${key}`);
      return { body: object.body, contentEncoding: object.contentEncoding };
    },
    dispose: async () => store.close(),
  };
});
