"""The projection of the maps of China, and the rectangle of degrees that holds its outline."""

from __future__ import annotations

from shuyi.publish.projection import Projection

PROJECTION = Projection("+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +datum=WGS84 +units=m")
"""Albers equal-area conic: central meridian 105 E, standard parallels 25 and 47 N; metres."""

RECTANGLE = ((72, 136), (16, 55))
"""Longitudes and latitudes in whole degrees, from the lowest to the highest, of the mainland with Hainan."""
