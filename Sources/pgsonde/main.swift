import SondeDaemon

await Daemon.main()
