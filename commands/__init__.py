"""The `qianmian` console command: a verb a step."""
