# What ICMP echoes tell, over one raw socket. DETAIL of what is ok:
#   icmp          each of COUNT echoes was answered: the last reply's ttl=N
#   unreachable   the network answers that nobody is there: who did
#   trace         the hops on the way, with commas between and * for one that is silent
package Echo;
use strict;
use warnings;
use Socket qw(AF_INET SOCK_RAW IPPROTO_ICMP IPPROTO_IP inet_aton inet_ntoa pack_sockaddr_in);

use constant { ECHO_REPLY => 0, UNREACHABLE => 3, ECHO => 8, EXCEEDED => 11 };
use constant { SOL_RAW => 255, ICMP_FILTER => 1, IP_TTL => 2 };
use constant { NET => 0, HOST => 1, TOO_BIG => 4 };

# A node asks three times for an address of its own bridge, a second each, before it gives up. And it says "unreachable" to
# one address only so often: a route's error takes two seconds of its patience (net/ipv4/route.c and icmp.c take one each),
# which come back only while nothing is asked.
use constant { UNREACHABLE_TIME => 5, PAUSE => 2.2 };
use constant { HOPS => 4, TRIES => 3, TRACE_TIME => 1 };

sub kinds { return (icmp => \&icmp, unreachable => \&unreachable, trace => \&trace) }

my ($socket, %asked, %too_big);
my ($id, $sequence) = ($$ & 0xffff, 0);

sub icmp {
    my ($probe) = @_;
    my ($burst, $ttl);
    $burst = Burst::start(
        $probe,
        send => sub {
            my ($n) = @_;
            return ask($probe->{address}, sub {
                my ($type, $code, $from, $left) = @_;
                return if $probe->{over};
                if ($type == ECHO_REPLY && $from eq $probe->{address}) {
                    $ttl = $left;
                    Burst::answer($burst, $n) and Burst::advance($burst);
                }
                elsif ($type == UNREACHABLE && !$burst->{answered}) {
                    $probe->{end}('fail', "icmp $code $from");
                }
            });
        },
        done => sub {
            my ($ended) = @_;
            return $probe->{end}('ok', "ttl=$ttl") if $ended->{answered} == $ended->{count};
            $probe->{end}('fail', Burst::loss($ended));
        },
    );
}

sub unreachable {
    my ($probe) = @_;
    my $end = Loop::now() + UNREACHABLE_TIME;
    my $told = sub {
        my ($type, $code, $from) = @_;
        return $probe->{end}('fail', 'reply') if $type == ECHO_REPLY;
        return if $type != UNREACHABLE;
        my $right = $code == NET || $code == HOST;
        $probe->{end}($right ? ('ok', $from) : ('fail', "icmp $code $from"));
    };
    $probe->{wake} = sub {
        my $now = Loop::now();
        return $probe->{end}('fail', 'timeout') if $now >= $end;
        $probe->{due} = $now + PAUSE;
        my $failure = ask($probe->{address}, $told);
        $probe->{end}('fail', $failure) if defined $failure;
    };
    $probe->{wake}();
}

sub trace {
    my ($probe) = @_;
    my ($end, $try, %hops) = (Loop::now() + TRACE_TIME, 0);
    $probe->{wake} = sub {
        my $now = Loop::now();
        my ($arrived) = grep { ($hops{$_} // '') eq $probe->{address} } 1 .. HOPS;
        my ($last) = $arrived // sort { $b <=> $a } keys %hops, 0;
        return $probe->{end}('ok', join ',', map { $hops{$_} // '*' } 1 .. $last)
            if $now >= $end || $arrived && !grep { !$hops{$_} } 1 .. $arrived;
        $probe->{due} = $try < TRIES ? $now + TRACE_TIME / TRIES / 2 : $end;
        return if $try++ >= TRIES;
        for my $ttl (grep { !$hops{$_} } 1 .. HOPS) {
            my $failure = ask($probe->{address}, sub {
                my ($type, undef, $from) = @_;
                return if $probe->{over} || $type == UNREACHABLE;
                $hops{$ttl} = $from;
            }, $ttl);
            return $probe->{end}('fail', $failure) if defined $failure;
        }
    };
    $probe->{wake}();
}

# Sends one echo; what is said to it is given to `told` as type, code, sender and time to live. Returns why it cannot.
sub ask {
    my ($address, $told, $ttl) = @_;
    start() or return "no raw socket: $!";
    $sequence = ($sequence + 1) & 0xffff;
    $asked{$sequence} = $told;
    my $packet = pack 'CCnnna32', ECHO, 0, 0, $id, $sequence, 'multinet';
    substr $packet, 2, 2, pack 'n', checksum($packet);
    setsockopt $socket, IPPROTO_IP, IP_TTL, pack 'i', $ttl // 64;
    send $socket, $packet, 0, pack_sockaddr_in(0, inet_aton($address)) or return Burst::refusal();
    return;
}

# Listens to what is said of this pod's packets; true if it can.
sub start {
    return 1 if $socket;
    socket my $raw, AF_INET, SOCK_RAW, IPPROTO_ICMP or return;
    my $wanted = 1 << ECHO_REPLY | 1 << UNREACHABLE | 1 << EXCEEDED;
    setsockopt $raw, SOL_RAW, ICMP_FILTER, pack 'L', ~$wanted & 0xffffffff;
    $raw->blocking(0);
    $socket = $raw;
    Loop::watch($socket, \&hear);
    return 1;
}

sub hear {
    while (defined recv $socket, my $packet, 2048, 0) {
        my ($ttl, $from, $icmp) = opened($packet) or next;
        my ($type, $code, $heard_id, $heard) = unpack 'CCx2nn', $icmp;
        if ($type != ECHO_REPLY) {
            my (undef, undef, $question, $to) = opened(substr $icmp, 8) or next;
            $too_big{$to} = $from if $type == UNREACHABLE && $code == TOO_BIG;
            (my $asked, $heard_id, $heard) = unpack 'Cx3nn', $question;
            next if ($asked // -1) != ECHO;
        }
        next if ($heard_id // -1) != $id || !defined $heard;
        my $told = $asked{$heard} or next;
        $told->($type, $code, $from, $ttl);
    }
}

# Who said that something to this address was too big; undef if nobody did since `start` was called.
sub too_big {
    hear() if $socket;
    return $too_big{ $_[0] };
}

# Of an IP packet: its time to live, its sender, what it carries, and to whom.
sub opened {
    my ($packet) = @_;
    return if length $packet < 28;
    my ($first, $ttl, $from, $to) = unpack 'Cx7Cx3a4a4', $packet;
    return ($ttl, inet_ntoa($from), substr($packet, ($first & 15) * 4), inet_ntoa($to));
}

sub checksum {
    my $sum = unpack '%32n*', $_[0];
    $sum = ($sum & 0xffff) + ($sum >> 16) for 1 .. 2;
    return ~$sum & 0xffff;
}

1;
