/**
 * Makes objects that inherit nothing, so that `__proto__` and `constructor` are keys like any other.
 * Unlike `Object.create(null)` they are not hash tables to V8, which makes them several times cheaper.
 */
export const BareRecord = (() => {
  class Bare {}
  Object.setPrototypeOf(Bare.prototype, null);
  delete (Bare.prototype as { constructor?: unknown }).constructor;
  return Bare as new <V>() => Record<string, V>;
})();
