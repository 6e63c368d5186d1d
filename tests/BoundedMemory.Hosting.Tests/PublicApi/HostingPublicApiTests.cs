using BoundedMemory.Tests.PublicApi;

namespace BoundedMemory.Hosting.Tests.PublicApi;

public class HostingPublicApiTests
{
    [Fact]
    public void BoundedMemoryHosting_PublicApi_IsTheApprovedOne() => ApprovedApi.Require(typeof(WorkerRecycler).Assembly);
}
