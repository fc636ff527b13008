import Glibc
import Threads

// Order: before the first thread, each of which would get a heap of its own.
limitMallocArenas(2)

exit(await Program.postbox.run(Array(CommandLine.arguments.dropFirst())).rawValue)
