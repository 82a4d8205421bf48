/**
 * How to connect to the database. Settings that you leave out come from the environment, as with `psql`: PGHOST,
 * PGUSER, ~/.pgpass and the others.
 */
export interface ConnectionConfig {
  /**
   * Connection URL, or key=value pairs as libpq reads them. It takes precedence over the other settings.
   * @example 'postgres://loader@db.example.com/app?sslmode=verify-full'
   */
  readonly connectionString?: string | undefined;
  /**
   * Host name or address. Default: PGHOST, else localhost.
   * @example 'db.example.com'
   */
  readonly host?: string | undefined;
  /**
   * Port. Default: PGPORT, else 5432.
   * @example 5432
   */
  readonly port?: number | undefined;
  /**
   * Role to connect as. Default: PGUSER, else the operating-system user.
   * @example 'loader'
   */
  readonly username?: string | undefined;
  /**
   * Password, or a function that returns it. The function is called for each new connection, for tokens that expire.
   * Default: PGPASSWORD, else ~/.pgpass.
   * @example () => signer.getAuthToken()
   */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /**
   * Database. Default: PGDATABASE, else the user name.
   * @example 'app'
   */
  readonly database?: string | undefined;
  /**
   * TLS: true, or the options of `tls.connect` (ca, rejectUnauthorized …). Default: sslmode of the connection string,
   * else PGSSLMODE, else prefer.
   * @example { ca: readFileSync('ca.pem', 'utf8') }
   */
  readonly ssl?: boolean | Readonly<Record<string, unknown>> | undefined;
  /**
   * Your own pool (`pg.Pool`) to use instead of new connections; leave out all other connection settings. It needs a `max` of
   * `concurrency` + 3 for a load. Its connections are returned to it, and you end it.
   * @example new pg.Pool({ max: 8 })
   */
  readonly pool?: ClientPool | undefined;
  /**
   * A function that returns a connected client of node-postgres (`pg.Client`), called for each connection; leave out
   * all other connection settings. The loader ends the clients.
   * @example async () => { const client = new pg.Client(); await client.connect(); return client; }
   */
  readonly connect?: (() => object | Promise<object>) | undefined;
}

/** As much of a `pg.Pool` as is used. */
export interface ClientPool {
  connect(): Promise<object>;
  readonly options?: { readonly max?: number | undefined };
}

/** Where the target table is: the connection, and the name of the table. */
export interface TargetConfig extends ConnectionConfig {
  /**
   * Schema of the target table.
   * @default 'public'
   * @example 'sales'
   */
  readonly schema?: string | undefined;
  /**
   * Target table, spelled as in the catalogue.
   * @example 'events'
   */
  readonly table: string;
}
