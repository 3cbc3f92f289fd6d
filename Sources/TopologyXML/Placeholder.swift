// TopologyXML
