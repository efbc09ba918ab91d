"""事项: the list of cases, the page of one, and starting one."""
