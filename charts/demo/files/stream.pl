# What TCP connections to the responder tell; COUNT of them, one after the other. DETAIL of what is ok:
#   tcp    port 7000: the source address that the peer saw, and the peer's name
#   bulk   256 KiB to port 7001: how many bytes came, "N bytes"
package Stream;
use strict;
use warnings;
use Errno qw(EINPROGRESS);
use IO::Socket::INET;
use Socket qw(AF_INET SOCK_STREAM SOL_SOCKET SO_ERROR inet_aton pack_sockaddr_in);

use constant { PORT => 7000, TIME => 2, BULK_PORT => 7001, BULK_TIME => 5, BULK_BYTES => 1 << 18 };

sub kinds {
    return (
        tcp => sub { talk($_[0], PORT, TIME, 0, 0) },
        bulk => sub { talk($_[0], BULK_PORT, BULK_TIME, BULK_BYTES, 0) },
    );
}

sub talk {
    my ($probe, $port, $time, $bytes, $done) = @_;
    my ($said, $unsent, $connected) = ('', $bytes, 0);
    socket my $socket, AF_INET, SOCK_STREAM, 0 or return $probe->{end}('fail', "no socket: $!");
    $socket->blocking(0);
    my $finish = sub {
        my ($words) = @_;
        Loop::drop($socket);
        return $probe->{end}('fail', $words) if defined $words;
        return talk($probe, $port, $time, $bytes, $done) if ++$done < $probe->{count};
        $probe->{end}('ok', $bytes ? "$said bytes" : $said);
    };
    $probe->{due} = Loop::now() + $time;
    $probe->{wake} = sub { $finish->('timeout') };

    my $read = sub {
        my $count = sysread $socket, $said, 512, length $said;
        return if !defined $count && $!{EAGAIN};
        return $finish->(failure()) if !defined $count;
        return if $count;
        chomp $said;
        $finish->($said eq '' ? 'nothing was answered' : undef);
    };
    my $write = sub {
        if (!$connected) {
            $! = unpack 'i', getsockopt $socket, SOL_SOCKET, SO_ERROR;
            return $finish->(failure()) if $!;
            $connected = 1;
        }
        if ($unsent > 0) {
            my $count = syswrite $socket, "\0" x ($unsent < 65536 ? $unsent : 65536);
            return if !defined $count && $!{EAGAIN};
            return $finish->(failure()) if !defined $count;
            $unsent -= $count;
        }
        return if $unsent > 0;
        shutdown $socket, 1 if $bytes;
        Loop::forget($socket);
        Loop::watch($socket, $read);
    };
    connect $socket, pack_sockaddr_in($port, inet_aton($probe->{address}))
        or $! == EINPROGRESS
        or return $finish->(failure());
    Loop::watch($socket, $write, 1);
}

sub failure {
    return 'no-route' if $!{ENETUNREACH};
    return 'refused' if $!{ECONNREFUSED};
    return 'unreachable' if $!{EHOSTUNREACH};
    return 'timeout' if $!{ETIMEDOUT};
    return "broken off: $!";
}

1;
