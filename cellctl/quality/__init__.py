"""Quality records: when a nonconformity is filed."""
