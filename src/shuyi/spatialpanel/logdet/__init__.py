"""Log-determinants ``ln|I - rho W|``: what a method offers (`base`), the methods, their choice (`choose`)."""
