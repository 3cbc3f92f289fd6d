// DNNL
