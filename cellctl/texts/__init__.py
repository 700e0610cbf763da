"""What cellctl says in other languages: templates of messages, and what each error code means.

English needs no file: the templates in the code are English. Everything else lies in this package as TOML, one folder
per language, and is read when it is first needed. Nothing is imported here, so that choosing a language costs nothing.
"""
