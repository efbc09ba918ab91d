"""The database: connections and the one transaction, tables, migrations, counters."""
