extension Duration {
    var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
