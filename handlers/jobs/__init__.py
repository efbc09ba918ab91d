"""Work that outlives a request: the queue, sweeps over due columns, names of workers."""
