# What datagrams to the responder's port 7000 tell. DETAIL of what is ok:
#   udp         each of COUNT was answered: the source address that the peer saw, and the peer's name
#   large       the same, first with as many bytes as fit into MTU, which nobody may cut, then with 4000: more than any MTU,
#               so they arrive in fragments. Not as echoes, for Cilium drops every fragment of ICMP (its
#               bpf/lib/conntrack.h says why). "mtu N [FROM]" if only N bytes fit, and who said so.
#   multicast   ADDRESS is GROUP/MEMBER/OWN: five to the group, by the interface that has the address OWN; how many of them
#               MEMBER answered within a second, "N/5"
package Datagrams;
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(IPPROTO_IP IP_MULTICAST_IF inet_aton pack_sockaddr_in);

use constant { PORT => 7000, FRAGMENTED => 4000, HEADERS => 28, MULTICASTS => 5, MULTICAST_TIME => 1 };
use constant { IP_MTU_DISCOVER => 10, NEVER => 0, ALWAYS => 2, IP_MTU => 14 };

sub kinds { return (udp => \&udp, large => \&large, multicast => \&multicast) }

sub udp {
    my ($probe) = @_;
    datagrams($probe, {}, sub { $probe->{end}('ok', $_[0]) });
}

sub large {
    my ($probe) = @_;
    my $cut = sub {
        datagrams(
            $probe,
            { bytes => FRAGMENTED, window => 1, discover => NEVER },
            sub { $probe->{end}('ok', $_[0]) },
        );
    };
    return $cut->() if !$probe->{mtu};
    Echo::start();
    my $whole = { bytes => $probe->{mtu} - HEADERS, window => 1, discover => ALWAYS };
    datagrams($probe, $whole, $cut);
}

# Calls `ok` with the source and the name that all answers have.
sub datagrams {
    my ($probe, $options, $ok) = @_;
    my ($address, $discover) = ($probe->{address}, $options->{discover});
    # Each socket has a port of its own, so that no answer to another question counts.
    my $socket = IO::Socket::INET->new(
        Proto => 'udp', PeerAddr => $address, PeerPort => PORT, Blocking => 0,
    ) or return $probe->{end}('fail', Burst::refusal() // "no socket: $!");
    setsockopt $socket, IPPROTO_IP, IP_MTU_DISCOVER, pack 'i', $discover if defined $discover;
    my ($burst, $said, $arrived) = (undef, undef, 0);
    my $finish = sub {
        my ($ended) = @_;
        my $failure = too_long($socket, $address, $options) // Burst::loss($ended, $arrived);
        Loop::drop($socket);
        return $ok->($said) if $ended->{answered} == $ended->{count};
        $probe->{end}('fail', $failure);
    };
    my $fail = sub {
        Loop::drop($socket);
        $probe->{end}('fail', $_[0]);
    };
    my $send = sub {
        my ($n) = @_;
        my $text = "$n\n";
        my $bytes = $options->{bytes} // 0;
        $text .= "\0" x ($bytes - length $text) if $bytes > length $text;
        return if defined $socket->send($text);
        return too_long($socket, $address, $options) if $!{EMSGSIZE};
        return Burst::refusal();
    };
    $burst = Burst::start(
        $probe,
        $options->{window} ? (window => $options->{window}) : (),
        send => $send,
        done => $finish,
    );
    return if $probe->{over};
    Loop::watch($socket, sub {
        my $answer;
        while (defined $socket->recv($answer, 512)) {
            my ($n, $source, $name, $seen) = split ' ', $answer;
            next if !defined $seen || !Burst::answer($burst, $n);
            $arrived = $seen if $seen > $arrived;
            $said //= "$source $name";
            return $fail->("two $said $source $name") if $said ne "$source $name";
        }
        my $failure = $!{EMSGSIZE} ? too_long($socket, $address, $options) : Burst::refusal();
        return $fail->($failure) if defined $failure;
        Burst::advance($burst);
    });
}

# Words if the way takes less than was asked for in one piece.
sub too_long {
    my ($socket, $address, $options) = @_;
    return if ($options->{discover} // NEVER) != ALWAYS;
    my $mtu = unpack 'i', getsockopt($socket, IPPROTO_IP, IP_MTU) // return;
    return if $mtu >= $options->{bytes} + HEADERS;
    return join ' ', 'mtu', $mtu, Echo::too_big($address) // ();
}

sub multicast {
    my ($probe) = @_;
    my ($group, $member, $own) = split m{/}, $probe->{address};
    my $target = pack_sockaddr_in PORT, inet_aton($group);
    my ($answered, @sockets) = (0);
    my $finish = sub {
        Loop::drop($_) for @sockets;
        $probe->{end}(@_);
    };
    $probe->{due} = Loop::now() + MULTICAST_TIME;
    $probe->{wake} = sub { $finish->('ok', "$answered/" . MULTICASTS) };
    for my $n (0 .. MULTICASTS - 1) {
        # Each has a port of its own, so that a doubled answer does not stand in for a lost one.
        my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => $own, Blocking => 0)
            or return $finish->('fail', "no interface has the address $own");
        push @sockets, $socket;
        setsockopt $socket, IPPROTO_IP, IP_MULTICAST_IF, inet_aton($own);
        defined $socket->send("$n\n", 0, $target) or return $finish->('fail', "cannot send: $!");
        Loop::watch($socket, sub {
            while (defined $socket->recv(my $answer, 512)) {
                next if $socket->peerhost ne $member;
                Loop::forget($socket);
                return ++$answered == MULTICASTS ? $probe->{wake}() : undef;
            }
        });
    }
}

1;
