import QueueCollectors
import Sonde
import SondeDaemon

await Daemon.main(collectors: .builtin + [Definition.queue, Stalls(), LastRun()])
