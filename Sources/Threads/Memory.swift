import CLinux

/// Keeps glibc from giving every thread a heap of its own; called before the first thread starts.
@discardableResult
package func limitMallocArenas(_ count: Int32) -> Bool {
    linux_limit_malloc_arenas(count)
}

/// Gives freed memory back to the system, after a burst.
package func trimHeap() {
    linux_trim_heap()
}
