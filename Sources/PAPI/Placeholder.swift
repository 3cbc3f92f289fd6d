// PAPI
