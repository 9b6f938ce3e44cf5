import Testing

@testable import SetupCore

@Suite("Bytes on their way")
struct TransferAmountTests {
  @Test("Several add up, and only what moves has a rate")
  func sum() throws {
    let moving = TransferAmount(done: 50 << 20, total: 100 << 20, rate: 10_485_760)
    let ended = TransferAmount(done: 100 << 20, total: 100 << 20)
    let sum = try #require(TransferAmount.sum([moving, ended, TransferAmount(done: 0, total: 50 << 20)]))
    #expect(sum == TransferAmount(done: 150 << 20, total: 250 << 20, rate: 10_485_760))
    #expect(sum.text == "150 MiB of 250 MiB, 10 MiB/s, 10 s left")
    #expect(sum.fraction == 0.6)
    #expect(TransferAmount.sum([]) == nil)
  }

  @Test("Without a rate, or at the end, no time is told")
  func timeLeft() {
    #expect(TransferAmount(done: 1, total: 2).timeLeft == nil)
    #expect(TransferAmount(done: 2, total: 2, rate: 1).timeLeft == nil)
    #expect(TransferAmount(done: 5, total: 2, rate: 1).done == 2)
    #expect(TransferAmount(done: 0, total: 0).fraction == 0)
  }
}
