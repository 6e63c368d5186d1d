using BoundedMemory.Tests.PublicApi;

namespace BoundedMemory.HttpTests.PublicApi;

public class AspNetCorePublicApiTests
{
    [Fact]
    public void BoundedMemoryAspNetCore_PublicApi_IsTheApprovedOne() => PublicApiTests.Approve(typeof(HubResults).Assembly);
}
