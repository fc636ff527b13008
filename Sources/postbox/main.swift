import Glibc

exit(await Program.postbox.run(Array(CommandLine.arguments.dropFirst())).rawValue)
