"""A worker process: its entry point, its link to the supervisor, and the hosts of plugins, cameras and buses."""
