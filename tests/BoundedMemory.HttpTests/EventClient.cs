using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BoundedMemory.HttpTests;

/// <summary>A client that is nothing but a socket: it reads when it is told to, and vanishes when it is told to.</summary>
internal sealed class EventClient : IDisposable
{
    private readonly Socket _socket;
    private readonly StringBuilder _received = new();
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly byte[] _buffer = new byte[16 * 1024];

    private EventClient(Socket socket) => _socket = socket;

    /// <summary>What has been received so far, framing of chunks included.</summary>
    public string Received => _received.ToString();

    /// <summary>Connects and asks; nothing is read.</summary>
    /// <param name="port">Of the server.</param>
    /// <param name="path">What to ask for.</param>
    /// <param name="lastEventId">Where it was, if it comes back.</param>
    /// <param name="receiveBuffer">Bytes the system keeps for a client that does not read; the least there can be by default.</param>
    public static async Task<EventClient> ConnectAsync(int port, string path, string? lastEventId = null, int receiveBuffer = 2048)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = receiveBuffer };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        string last = lastEventId is null ? "" : string.Create(CultureInfo.InvariantCulture, $"Last-Event-ID: {lastEventId}\r\n");
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{last}\r\n"));
        return new EventClient(socket);
    }

    /// <summary>Reads until a text has come; fails if the connection ends before.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        // Of what came before, only the end can be part of the text.
        int from = 0;
        while (!Received.AsSpan(from).Contains(text, StringComparison.Ordinal))
        {
            from = Math.Max(0, _received.Length - text.Length);
            await ReadMoreAsync();
        }

        return Received;
    }

    /// <summary>Reads what comes next; fails if the connection ends instead.</summary>
    public async Task<string> ReadMoreAsync()
    {
        using var patience = new CancellationTokenSource(Tests.Support.Patience.Limit);
        int read = await _socket.ReceiveAsync(_buffer, patience.Token);
        Assert.True(read > 0, $"The connection ended: {Received}");
        char[] characters = new char[read + 1];
        _received.Append(characters, 0, _decoder.GetChars(_buffer, 0, read, characters, 0));
        return Received;
    }

    /// <summary>Reads until the connection ends, in whatever way.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var patience = new CancellationTokenSource(Tests.Support.Patience.Limit);
        try
        {
            for (int read = 1; read > 0;)
            {
                read = await _socket.ReceiveAsync(_buffer, patience.Token);
                _received.Append(Encoding.UTF8.GetString(_buffer, 0, read));
            }
        }
        catch (SocketException)
        {
            // Reset: an end, too.
        }

        return Received;
    }

    /// <summary>The connection is reset, as by a client that is killed.</summary>
    public void Vanish()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();
}
