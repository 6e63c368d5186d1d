using BoundedMemory.Tests.PublicApi;

namespace BoundedMemory.HttpTests.PublicApi;

public class AspNetCorePublicApiTests
{
    [Fact]
    public void BoundedMemoryAspNetCore_PublicApi_IsTheApprovedOne() => ApprovedApi.Require(typeof(HubResults).Assembly);
}
