"""Quality records: when a nonconformity is filed."""

from cellctl.quality.nonconformity import NonconformityWatch

__all__ = ["NonconformityWatch"]
