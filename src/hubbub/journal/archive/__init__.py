"""The file in which entries are kept and found again, whoever gave them their order.

`store` is what a start finds in it, `filling` what a running node writes to it, `reader` what is
asked of it.
"""
