using BoundedMemory.Tests.PublicApi;

namespace BoundedMemory.AI.Tests.PublicApi;

public class AIPublicApiTests
{
    [Fact]
    public void BoundedMemoryAI_PublicApi_IsTheApprovedOne() => ApprovedApi.Require(typeof(ChatMessageAdapter).Assembly);
}
