namespace BoundedMemory.Tests.PublicApi;

public class PublicApiTests
{
    [Fact]
    public void BoundedMemory_PublicApi_IsTheApprovedOne() => ApprovedApi.Require(typeof(BoundedCache<,>).Assembly);
}
