"""The paper's measurements as frames: schemes and ranks, coordination, tiers, spillover ledger, industry.

Each module calls the methods of the package on the panel or on a fit and arranges what they return as tidy
frames in full precision; tables and figures read these frames.
"""
