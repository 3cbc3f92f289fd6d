# A cluster of one machine, to be sourced: munge, one slurmctld and two slurmd, n1 and n2, on the
# loopback interface, as the user who runs it. Everything it writes is below $CLUSTER.
#
# Each slurmd is the first process of a PID namespace of its own: when that is killed, so is all that
# ran on the "node", as when a machine loses its power.

for tool in munged slurmctld slurmd sbatch squeue scontrol unshare; do
  PATH=$PATH:/usr/sbin:/sbin
  command -v "$tool" >/dev/null || {
    echo "cluster: no $tool on PATH; on Debian: apt-get install slurm-wlm munge" >&2
    exit 69
  }
done

CLUSTER=$(mktemp -d)
export SLURM_CONF=$CLUSTER/slurm.conf
# slurmctld, slurmd of n1, slurmd of n2: three ports that nobody listens on.
PORTS=$(python3 - <<'PY'
import socket
held = [socket.socket() for _ in range(3)]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))
PY
)
# The nodes' keepers, and what else is to end with the script, by process number.
declare -A NODE
DAEMONS=()

# cluster_up [LINE…]: LINEs are added to slurm.conf.
cluster_up() {
  local controller first second me cores
  read -r controller first second <<<"$PORTS"
  me=$(id -un) cores=$(nproc)
  mkdir -p "$CLUSTER"/{munge,state,n1,n2}
  chmod 755 "$CLUSTER" && chmod 700 "$CLUSTER/munge"
  dd if=/dev/urandom of="$CLUSTER/munge/key" bs=1024 count=1 status=none
  chmod 400 "$CLUSTER/munge/key"
  # Its socket must be in a folder that all can enter.
  mkdir -m 755 "$CLUSTER/socket"
  munged --foreground --force --key-file="$CLUSTER/munge/key" --socket="$CLUSTER/socket/munge" \
    --pid-file="$CLUSTER/munge/pid" --log-file="$CLUSTER/munge/log" \
    --seed-file="$CLUSTER/munge/seed" >"$CLUSTER/munge/out" 2>&1 &
  DAEMONS+=($!)
  cat >"$SLURM_CONF" <<CONF
ClusterName=loopback
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$controller
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/munge
AuthInfo=socket=$CLUSTER/socket/munge
CredType=cred/munge
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
StateSaveLocation=$CLUSTER/state
SlurmdSpoolDir=$CLUSTER/%n
SlurmctldPidFile=$CLUSTER/slurmctld.pid
SlurmdPidFile=$CLUSTER/%n.pid
SlurmctldLogFile=$CLUSTER/slurmctld.log
SlurmdLogFile=$CLUSTER/%n.log
SlurmdParameters=config_overrides
# A dead node is noticed soon.
SlurmdTimeout=10
SchedulerParameters=sched_interval=2,sched_min_interval=0,batch_sched_delay=0,requeue_delay=1
KillWait=2
MinJobAge=300
NodeName=n1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$first CPUs=$cores RealMemory=1000
NodeName=n2 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$second CPUs=$cores RealMemory=1000
PartitionName=both Nodes=n1,n2 Default=YES MaxTime=60 State=UP
PartitionName=first Nodes=n1 MaxTime=60 State=UP
PartitionName=second Nodes=n2 MaxTime=60 State=UP
CONF
  printf '%s\n' "$@" >>"$SLURM_CONF"
  wait_for "munge's socket" test -S "$CLUSTER/socket/munge"
  slurmctld -D >"$CLUSTER/slurmctld.out" 2>&1 &
  DAEMONS+=($!)
  node_up n1
  node_up n2
  wait_for "two idle nodes" both_idle
}

both_idle() { [ "$(scontrol show nodes 2>/dev/null | grep -c 'State=IDLE ')" = 2 ]; }

# node_up NAME: starts a node.
node_up() {
  unshare --pid --fork --kill-child --mount-proc slurmd -D -N "$1" >"$CLUSTER/$1.out" 2>&1 &
  NODE[$1]=$!
}

# node_kill NAME: a node and all that runs on it are gone at once.
node_kill() {
  kill -9 "${NODE[$1]}" 2>/dev/null
  wait "${NODE[$1]}" 2>/dev/null
  unset "NODE[$1]"
}

# wait_for WHAT COMMAND…: until it succeeds, two minutes at most.
wait_for() {
  local what=$1 end=$((SECONDS + 120))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || { echo "cluster: waited too long for $what" >&2; return 1; }
    # Neither sockets nor Slurm tell anybody.
    sleep 0.2
  done
}

cluster_down() {
  local name
  for name in "${!NODE[@]}"; do node_kill "$name"; done
  for one in "${DAEMONS[@]}"; do kill "$one" 2>/dev/null; done
  for one in "${DAEMONS[@]}"; do wait "$one" 2>/dev/null; done
  rm -rf "$CLUSTER"
}
