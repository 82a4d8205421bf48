/** Names of what belongs to a routed table end so; the first two are those of the Go SDK. */
export const AUXILIARY_SUFFIX = '_relyt_massive_group';
export const ROUTING_SUFFIX = '_relyt_routing';
export const VIEW_SUFFIX = '_relyt_all';
